// error: initializer type mismatch
import dev.holdfast.HoldfastClient
import java.time.Duration

fun use(client: HoldfastClient) {
    val time: Duration = client.roundTripTime()
    println(time)
}
