"""The examination of a round's responses in company, from the sample to its document."""
