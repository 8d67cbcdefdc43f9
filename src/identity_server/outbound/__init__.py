"""The only way out: HTTP requests that the server itself makes.

Where to look:
    client      OutboundClient: one request with its redirects, deadline and bounds
    calls       what is asked, and what is asked next after a redirect
    addresses   which addresses are public, and names resolved to those alone
    network     connections that the guard watches
    proxies     the environment's HTTP_PROXY, HTTPS_PROXY, NO_PROXY
    answers     what came back, unpacked within bounds
    errors      why nothing did
"""
