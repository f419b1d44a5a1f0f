"""How often a resident may ask for mails, codes and files."""

from django.conf import settings

from applications.limits import Limit

MAILS_TO_ADDRESS = Limit("address", 6)
MAILS_OF_APPLICATION = Limit("application", 6)
GUESSES_OF_NETWORK = Limit("guess", 120)
COPIES_OF_APPLICATION = Limit("copy", 20)
LETTERS_OF_APPLICATION = Limit("letter", 10)
FILES_OF_APPLICATION = Limit("letter file", 40)
DOWNLOADS_OF_APPLICATION = Limit("document", 60)


def requests_of_network() -> Limit:
    return Limit("network", settings.CODES_PER_NETWORK)
