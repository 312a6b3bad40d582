package dev.holdfast.benchmarks.carriers;

/** A way from the client to the server. */
enum Way {
    WEB_SOCKET("WebSocket", Proxy.NONE, false),
    HTTP_1("HTTP/1.1", Proxy.NONE, true),
    WEB_SOCKET_THROUGH_NGINX("WebSocket, through nginx", Proxy.UPGRADES, false),
    HTTP_1_THROUGH_NGINX("HTTP/1.1, through nginx", Proxy.HTTP_1, true),
    HTTP_2_THROUGH_NGINX("HTTP/2, through nginx", Proxy.HTTP_2, true);

    /** What stands before the server. */
    enum Proxy {
        NONE,
        /** An nginx that forwards upgrades. */
        UPGRADES,
        HTTP_1,
        /** HTTP/2 without TLS. nginx speaks HTTP/1.1 to the server. */
        HTTP_2
    }

    final String title;
    final Proxy proxy;
    final boolean overHttp;

    Way(String title, Proxy proxy, boolean overHttp) {
        this.title = title;
        this.proxy = proxy;
        this.overHttp = overHttp;
    }
}
