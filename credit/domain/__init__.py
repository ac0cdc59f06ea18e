"""The rules of credit: the lists and what they may cause, records and their time, matching. Pure, standard library only."""
