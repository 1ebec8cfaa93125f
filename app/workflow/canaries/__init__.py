"""Test ratings of an auditor: prepared and sealed, looked for among what arrived."""
