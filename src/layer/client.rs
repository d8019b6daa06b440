//! Whose request it is: the peer's address, or behind a proxy that is believed, the address and the
//! host that the proxy names. What anybody else writes into these headers counts for nothing.

use std::net::{IpAddr, SocketAddr};

use app::server::ClientAddress;

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};

use crate::{config::Network, router::Site};

/// The host that the client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedHost(pub String);

/// Notes the client's address and the host that was asked for.
pub async fn find_client(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let believed = peer.is_some_and(|peer| is_trusted(&site.proxies, peer.ip()));
    let host = asked_host(&request, believed);
    if let Some(peer) = peer {
        let forwarded = believed.then(|| forwarded_for(request.headers(), &site.proxies)).flatten();
        request.extensions_mut().insert(ClientAddress(forwarded.unwrap_or(peer.ip())));
    }
    request.extensions_mut().insert(AskedHost(host));
    next.run(request).await
}

/// Whether that is a proxy of ours.
pub fn is_trusted(proxies: &[Network], address: IpAddr) -> bool {
    proxies.iter().any(|network| network.contains(address))
}

fn asked_host(request: &Request, believed: bool) -> String {
    let forwarded = believed.then(|| text(request.headers(), "x-forwarded-host")).flatten();
    let host = forwarded.or_else(|| text(request.headers(), header::HOST.as_str()));
    host.unwrap_or_default().to_ascii_lowercase()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The last address in the chain that is no proxy of ours: all before it can be invented.
fn forwarded_for(headers: &HeaderMap, proxies: &[Network]) -> Option<IpAddr> {
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<_> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let known = chain.iter().rev().map_while(|text| text.parse::<IpAddr>().ok());
    known.into_iter().find(|address| !is_trusted(proxies, *address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(chain: &str) -> Option<IpAddr> {
        let proxies = [Network::parse("10.0.0.0/8").expect("a network")];
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", chain.parse().expect("a header"));
        forwarded_for(&headers, &proxies)
    }

    #[test]
    fn only_what_our_own_proxies_added_is_believed() {
        let client_of = |text: &str| text.parse::<IpAddr>().ok();
        assert_eq!(client("1.2.3.4"), client_of("1.2.3.4"));
        assert_eq!(client("6.6.6.6, 1.2.3.4, 10.0.0.7"), client_of("1.2.3.4"));
        assert_eq!(client("10.0.0.7"), None);
        assert_eq!(client("1.2.3.4, nonsense"), None);
    }
}
