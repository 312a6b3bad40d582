import android.content.Context;
import android.net.ConnectivityManager;
import android.net.LinkAddress;
import android.net.LinkProperties;
import android.net.Network;
import dev.holdfast.NetworkMonitor;
import java.util.List;
import java.util.function.Consumer;

/** Does to the monitor what a device would, a word at a time. */
public final class Device implements Consumer<String> {
    private final ConnectivityManager connectivity = new ConnectivityManager();
    private final Network wifi = new Network();
    private final Network mobile = new Network();
    private final LinkAddress first = new LinkAddress();
    private final LinkAddress second = new LinkAddress();
    private Network network;

    public NetworkMonitor start(boolean online) {
        if (online) connectivity.active = wifi;
        return new AndroidNetworkMonitor(new Context(connectivity));
    }

    @Override
    public void accept(String what) {
        switch (what) {
            case "wifi" -> available(wifi);
            case "mobile" -> available(mobile);
            case "none" -> connectivity.callback.onLost(network);
            case "first address" -> addresses(first);
            case "second address" -> addresses(second);
            case "both addresses" -> addresses(first, second);
            default -> throw new IllegalArgumentException(what);
        }
    }

    private void available(Network now) {
        network = now;
        connectivity.callback.onAvailable(now);
    }

    private void addresses(LinkAddress... addresses) {
        connectivity.callback.onLinkPropertiesChanged(network, new LinkProperties(List.of(addresses)));
    }
}
