package android.net;

public class ConnectivityManager {
    public static class NetworkCallback {
        public void onAvailable(Network network) {}

        public void onLost(Network network) {}

        public void onLinkPropertiesChanged(Network network, LinkProperties properties) {}
    }

    public Network active;
    public NetworkCallback callback;

    public Network getActiveNetwork() {
        return active;
    }

    public void registerDefaultNetworkCallback(NetworkCallback callback) {
        this.callback = callback;
    }
}
