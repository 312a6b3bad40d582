// none
import dev.holdfast.HoldfastClient

fun use(client: HoldfastClient, text: String?) {
    if (text != null) client.send(text)
    println(client.roundTripTime()?.toMillis())
}
