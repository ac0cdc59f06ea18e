"""Credit: records with their legal document, lists, checks, scores, repair."""
