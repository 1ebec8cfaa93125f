"""What is asked, and what counts as an answer: pure values, no storage, no clock."""
