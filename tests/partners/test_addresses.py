import pytest

from fanfare.partners.addresses import AddressPolicy, is_loopback_name

NOT_PUBLIC = (
    "0.0.0.0",  # noqa: S104 - an address to refuse, nothing is bound
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "100::1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
)

PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "54.172.60.0",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_live_system_reaches_no_address_inside_a_network(address: str) -> None:
    assert AddressPolicy(live=True).refusal_of_address(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_live_system_reaches_public_addresses(address: str) -> None:
    assert AddressPolicy(live=True).refusal_of_address(address) is None


@pytest.mark.parametrize("address", [*PUBLIC, "10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "192.168.0.1"])
def test_a_system_that_is_not_live_reaches_this_machine_only(address: str) -> None:
    refusal = AddressPolicy(allow_private=True).refusal_of_address(address)

    assert refusal
    assert "live = true" in refusal


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_reached_without_being_live(address: str) -> None:
    assert AddressPolicy().refusal_of_address(address) is None


def test_a_live_system_may_be_told_to_reach_its_own_network() -> None:
    assert AddressPolicy(live=True, allow_private=True).refusal_of_address("10.0.0.1") is None


@pytest.mark.parametrize("address", ["", "nonsense", "127.0.0.1.", "127.1", "1.2.3.4.5", "[::1]"])
def test_what_is_no_address_is_refused(address: str) -> None:
    assert AddressPolicy(live=True, allow_private=True).refusal_of_address(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "lab.localhost", "127.0.0.1", "::1", "[::1]"])
def test_names_of_this_machine_are_known(host: str) -> None:
    assert is_loopback_name(host)
    assert AddressPolicy().refusal_of_host(host) is None


@pytest.mark.parametrize("host", ["example.test", "localhost.example.test", "notlocalhost", "127.0.0.1.example.test"])
def test_other_names_are_not_even_looked_up(host: str) -> None:
    assert not is_loopback_name(host)
    assert AddressPolicy().refusal_of_host(host)
    assert AddressPolicy(live=True).refusal_of_host(host) is None
