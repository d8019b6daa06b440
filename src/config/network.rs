//! Networks of addresses: the proxies that are believed.

use std::net::IpAddr;

/// An address with the number of leading bits that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.1`, `10.0.0.0/8` or `fd00::/8`; `None` when it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.parse().ok())?;
        (bits <= all).then_some(Self { address, bits })
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => (ours.to_bits() ^ theirs.to_bits()).leading_zeros(),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits() ^ theirs.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn a_network_contains_what_shares_its_leading_bits() {
        let ten = Network::parse("10.0.0.0/8").expect("a network");
        assert!(ten.contains("10.200.3.4".parse().expect("an address")));
        assert!(ten.contains("::ffff:10.1.1.1".parse().expect("an address")));
        assert!(!ten.contains("11.0.0.1".parse().expect("an address")));
        let one = Network::parse("fd00::1").expect("an address alone");
        assert!(one.contains("fd00::1".parse().expect("an address")));
        assert!(!one.contains("fd00::2".parse().expect("an address")));
        assert!(Network::parse("0.0.0.0/0").expect("everything").contains("1.2.3.4".parse().expect("an address")));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0.0/x", "10.0.0/8"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
