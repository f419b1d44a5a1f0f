# Dates stand within sentences: "ngày" with a small letter
DATE_FORMAT = r"\n\g\à\y d \t\há\n\g n \nă\m Y"
DATETIME_FORMAT = rf"H:i {DATE_FORMAT}"
