"""What the installed C libraries must be able to do (ADR 0003)."""

import apsw
import pycurl

SAFE_SQLITE = (3, 51, 3)  # earlier ones may corrupt a WAL that two connections reset; 3.52.0 was withdrawn


def test_sqlite_has_no_wal_reset_bug() -> None:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))

    assert version >= SAFE_SQLITE
    assert version[:2] != (3, 52)


def test_libcurl_lets_us_guard_each_request() -> None:
    assert hasattr(pycurl, "PREREQFUNCTION")
    assert hasattr(pycurl, "PREREQFUNC_ABORT")


def test_libcurl_speaks_http_2_for_push() -> None:
    assert pycurl.version_info()[4] & pycurl.VERSION_HTTP2
