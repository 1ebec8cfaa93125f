"""Questionnaires in the console: versions, drafts, and the editor with its preview."""
