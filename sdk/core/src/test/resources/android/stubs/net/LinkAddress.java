package android.net;

public class LinkAddress {}
