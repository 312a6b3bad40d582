package android.net;

import java.util.List;

public final class LinkProperties {
    private final List<LinkAddress> addresses;

    public LinkProperties(List<LinkAddress> addresses) {
        this.addresses = addresses;
    }

    public List<LinkAddress> getLinkAddresses() {
        return addresses;
    }
}
