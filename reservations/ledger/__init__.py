"""予約台帳: who comes when, as the desk of the reception's department works with it."""
