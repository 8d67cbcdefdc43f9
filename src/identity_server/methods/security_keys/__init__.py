"""What security keys and passkeys share (WebAuthn Level 3).

Where to look:
    relying_party  this site as a key knows it, out of the configuration
    challenges     what a form asks a key to sign, and that it counts once
    options        what the browser is given for its dialogue
    answers        what the browser sends back
    signatures     public keys and their algorithms
    authenticator_data  what authenticators say
    ceremony       whether a key's answer is right
    enrolment      adding a key
    proof          signing in with a key
    stored_keys    keys as they are stored: Kratos' shape
    counters       signature counters, and what they tell about copied keys
    models         names of well-known authenticators
    script         our JavaScript that talks to the browser
    nodes          form nodes
"""
