// Claims of a provider to traits of social_user_v0. Addresses and numbers count only when the provider has verified them.
local claims = std.extVar('claims');
local given(name) = name in claims && claims[name] != null && claims[name] != '';
local verified(name) = given(name) && std.get(claims, name + '_verified', false) == true;
local plain = [
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
      [if verified('email') then 'email' else null]: claims.email,
      [if verified('phone_number') then 'phone_number' else null]: claims.phone_number,
    } + {
      [name]: claims[name]
      for name in plain
      if given(name)
    },
  },
}
