"""A payment provider that speaks Stripe's protocol, for `make demo` and tests: the official library cannot tell.

Nothing of the product imports it. It holds everything in memory, listens on this machine only, and moves no money; its
pages imitate the hosted checkout page, the bank and the till of a shop, with what can go wrong there.
"""
