"""Tests of the numbers; this file lets those in sub-folders read `reference_case`."""
