"""The rules of the pool: specialties, the record of an expert, who must recuse, who may be drawn. Pure, standard library only."""
