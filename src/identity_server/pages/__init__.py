"""Pages of our own, for when the configuration names none: any flow, drawn from its nodes alone.

Where to look:
    texts       every word of the pages themselves: the table to translate; nodes bring their own
    devices     a browser's name for itself in plain words
    form        a flow's nodes as the parts of a page
    brand       name, logo, colours and language from the configuration
    rendering   templates, and the policy that browsers hold the pages to
    templates, assets    what they are made of
"""
