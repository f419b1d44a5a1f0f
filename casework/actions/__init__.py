"""What a member of staff does with a case: each thing one page, one POST, one function of services.py."""
