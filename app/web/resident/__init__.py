"""The public pages: the questionnaire, the receipt."""
