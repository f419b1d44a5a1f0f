"""What a resident sees of a reservation: the page to pick a place, and the pages behind the link in the mail."""
