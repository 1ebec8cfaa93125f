"""XLSForm, the spreadsheet notation of questionnaires: the part that we can keep. Pure."""
