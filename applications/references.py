"""受付番号: short, spoken on the telephone, written by hand."""

import secrets

# Without 0 O 1 I L 2 Z 5 S 8 B U V: nothing that is taken for something else, read or heard
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"


def new_reference() -> str:
    """Eight random characters and a check character, like `A3C4-D6E7-F`: 7.8e10 numbers."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{body[:4]}-{body[4:]}-{check_character(body)}"


def check_character(body: str) -> str:
    """Finds any one wrong character and any two neighbours exchanged (weights differ, the modulus 23 is prime)."""
    total = sum(place * ALPHABET.index(character) for place, character in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def is_reference(text: str) -> bool:
    """Whether the text is a reference with a right check character; hyphens and case do not matter."""
    plain = text.replace("-", "").upper()
    return len(plain) == 9 and all(c in ALPHABET for c in plain) and check_character(plain[:8]) == plain[8]
