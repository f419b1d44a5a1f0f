"""What people type in Japan, made uniform: text, kana, dates, telephone numbers, postcodes, bank accounts.

Everything takes the raw text of a browser and either returns the stored form or raises `Refused`.
"""

from formbuilder.japanese.refusal import Refused

__all__ = ["Refused"]
