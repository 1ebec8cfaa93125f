"""The report of a round: chapters as values, then on paper (PDF) and in Word (DOCX)."""
