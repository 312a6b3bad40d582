/** A protocol of its own, on the public packages of the SDK. */
module com.example.lines {
    requires dev.holdfast;
}
