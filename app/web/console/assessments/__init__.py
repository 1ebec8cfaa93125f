"""The pages of assessments: values, events, scorings, what if."""
