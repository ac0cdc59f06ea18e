"""Paper: Chinese official documents as PDF with embedded fonts, and electronic seals on them [12 §12.6, §12.7]."""
