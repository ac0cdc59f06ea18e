"""The mechanism "sealed tender, scored by a committee": its table of transitions, its acts and their parts of a lot's state.

Each stage of the trade is one module with the same shape: a frozen state class (its part of the lot), ``ACTS`` (what can be done),
``EVOLVE`` (what each event does to the lot). A trade type puts together those it needs.
"""
