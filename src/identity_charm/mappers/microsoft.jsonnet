// Microsoft gives no email_verified: the tenant's administrators vouch for the address.
local claims = std.extVar('claims');
local given(name) = name in claims && claims[name] != null && claims[name] != '';
local plain = [
  'email',
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'last_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'team',
];

{
  identity: {
    traits: {
      [name]: claims[name]
      for name in plain
      if given(name)
    } + {
      [if given('phone_number') && std.get(claims, 'phone_number_verified', false) == true then 'phone_number' else null]:
        claims.phone_number,
    },
  },
}
