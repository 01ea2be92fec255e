"""Work on cases of every kind: to-do, notices, urging, copies, attachments (A15, A17, A19)."""
