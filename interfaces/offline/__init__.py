"""What an auditor takes along: one file that verifies a bundle with no database and no network.

Nothing of the service may be imported here, so that the file can be read, copied and run alone.
"""
