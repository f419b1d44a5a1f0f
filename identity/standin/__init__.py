"""A provider that speaks the protocol of the real one, with real keys made when it starts: for `make demo` and tests.

Nothing of the product imports it. It holds everything in memory, listens on this machine only, and its people are made
up; its pages imitate the reading of a card, with what can go wrong there.
"""
