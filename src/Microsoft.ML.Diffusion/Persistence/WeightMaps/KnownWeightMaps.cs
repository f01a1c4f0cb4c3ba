namespace Microsoft.ML.Diffusion;

/// <summary>Ready maps for the files of reference implementations.</summary>
public static class KnownWeightMaps
{
    /// <summary>NVlabs/edm: <see cref="SongUNet"/> and <see cref="DhariwalUNet"/>.</summary>
    public static WeightMap Edm { get; } = new EdmWeightMap();

    /// <summary>facebookresearch/DiT and willisma/SiT: <see cref="DiT"/>.</summary>
    public static WeightMap DiT { get; } = new DiTWeightMap();

    /// <summary>lucidrains/denoising-diffusion-pytorch's <c>Unet</c>: <see cref="LinearAttentionUNet"/>.</summary>
    public static WeightMap Lucidrains { get; } = new LucidrainsWeightMap();
}
