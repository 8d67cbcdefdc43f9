// Connects forms with the browser's dialogue for security keys and passkeys.
//
// Pages call the functions on `window` by the names in the attributes `onclickTrigger` and `onloadTrigger` of a form's
// nodes. Each of them asks the browser for a key, puts the key's answer into a hidden field, and sends the form.
;(() => {
  "use strict"

  if (window.oryWebAuthnLogin) {
    return
  }

  const field = (name) => document.querySelector(`[name="${name}"]`)

  const toBytes = (text) => {
    const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  }

  const toText = (buffer) => {
    const binary = Array.from(new Uint8Array(buffer || new ArrayBuffer(0)), (byte) => String.fromCharCode(byte))
    return btoa(binary.join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
  }

  // Options come as JSON, where bytes are base64url; the browser wants the bytes.
  const prepared = (options) => {
    const wanted = { ...options.publicKey, challenge: toBytes(options.publicKey.challenge) }
    if (wanted.user) {
      wanted.user = { ...wanted.user, id: toBytes(wanted.user.id) }
    }
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (wanted[list]) {
        wanted[list] = wanted[list].map((key) => ({ ...key, id: toBytes(key.id) }))
      }
    }
    return wanted
  }

  const answerOf = (credential) => {
    const { response } = credential
    const shown = { clientDataJSON: toText(response.clientDataJSON) }
    if (response.attestationObject) {
      shown.attestationObject = toText(response.attestationObject)
      shown.transports = response.getTransports ? response.getTransports() : []
    } else {
      shown.authenticatorData = toText(response.authenticatorData)
      shown.signature = toText(response.signature)
      shown.userHandle = toText(response.userHandle)
    }
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response: shown,
    })
  }

  const send = (name, credential) => {
    const target = field(name)
    target.value = answerOf(credential)
    target.form.submit()
  }

  const isSupported = () => {
    if (window.PublicKeyCredential && navigator.credentials) {
      return true
    }
    console.warn("This browser knows neither security keys nor passkeys.")
    return false
  }

  // Pages may listen for the event and say in their own words what went wrong.
  const failed = (error) => {
    if (error && error.name === "AbortError") {
      return
    }
    console.error(error)
    window.dispatchEvent(new CustomEvent("webauthn-error", { detail: error }))
  }

  // A browser runs one dialogue at a time; the one that waits beside a field makes way for any other.
  let waiting = null
  const interrupt = () => {
    if (waiting) {
      waiting.abort()
      waiting = null
    }
  }

  const create = (options, name) => {
    if (!isSupported() || !field(name)) {
      return Promise.resolve()
    }
    interrupt()
    return navigator.credentials
      .create({ publicKey: prepared(options) })
      .then((credential) => send(name, credential))
      .catch(failed)
  }

  const get = (options, name) => {
    if (!isSupported() || !field(name)) {
      return Promise.resolve()
    }
    interrupt()
    return navigator.credentials
      .get({ publicKey: prepared(options) })
      .then((credential) => send(name, credential))
  }

  const optionsIn = (name) => {
    const holder = field(name)
    return holder && holder.value ? JSON.parse(holder.value) : null
  }

  const oryWebAuthnRegistration = (options) => create(options, "webauthn_register")

  const oryWebAuthnLogin = (options) => get(options, "webauthn_login").catch(failed)

  const oryPasskeyRegistration = () => {
    const data = optionsIn("passkey_create_data")
    if (!data) {
      return Promise.resolve()
    }
    const named = data.displayNameFieldName ? field(data.displayNameFieldName) : null
    const options = data.credentialOptions
    if (named && named.value) {
      options.publicKey.user.name = named.value
      options.publicKey.user.displayName = named.value
    }
    return create(options, "passkey_register")
  }

  const oryPasskeySettingsRegistration = () => {
    const options = optionsIn("passkey_create_data")
    return options ? create(options, "passkey_settings_register") : Promise.resolve()
  }

  const oryPasskeyLoginAutocompleteInit = async () => {
    const options = optionsIn("passkey_challenge")
    const available = window.PublicKeyCredential && window.PublicKeyCredential.isConditionalMediationAvailable
    if (!options || !available || !field("passkey_login") || !(await available.call(window.PublicKeyCredential))) {
      return
    }
    interrupt()
    const own = (waiting = new AbortController())
    window.abortPasskeyConditionalUI = own
    try {
      const credential = await navigator.credentials.get({
        publicKey: prepared(options),
        mediation: "conditional",
        signal: own.signal,
      })
      send("passkey_login", credential)
    } catch (error) {
      failed(error)
    }
  }

  const oryPasskeyLogin = () => {
    const options = optionsIn("passkey_challenge")
    if (!options) {
      return Promise.resolve()
    }
    return get(options, "passkey_login").catch((error) => {
      failed(error)
      return oryPasskeyLoginAutocompleteInit()
    })
  }

  const offered = {
    oryWebAuthnRegistration,
    oryWebAuthnLogin,
    oryPasskeyRegistration,
    oryPasskeySettingsRegistration,
    oryPasskeyLogin,
    oryPasskeyLoginAutocompleteInit,
  }
  for (const [name, run] of Object.entries(offered)) {
    window[name] = run
    // Older pages know the functions by these names.
    window[`__${name}`] = run
  }
  window.__oryWebAuthnInitialized = true
})()
