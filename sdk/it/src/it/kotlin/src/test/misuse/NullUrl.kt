// error: argument type mismatch
import dev.holdfast.HoldfastClient

fun use(url: String?) = HoldfastClient.builder(url)
