"""Tests of standing documents."""
