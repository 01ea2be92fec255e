"""What every case has in common for those who work on it: to-do, notices, urging, copies,
attachments (A15, A17, A19)."""
