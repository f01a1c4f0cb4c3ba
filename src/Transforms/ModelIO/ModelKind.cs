namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How a kind of transformer is stored: the names by which ML.NET finds its loader, and the version of its format.</summary>
/// <param name="Signature">Eight characters that open its part of the file.</param>
/// <param name="Loader">The name under which its loader is registered.</param>
/// <param name="Version">The version of its format; raised when older versions of this library can not read it any more.</param>
internal sealed record ModelKind(string Signature, string Loader, uint Version)
{
    public static ModelKind NoiseSchedule { get; } = new("DIFNOISE", "DiffusionNoiseSchedule", 0x00010001);

    public static ModelKind Denoiser { get; } = new("DIFDENOI", "DiffusionDenoiser", 0x00010003);

    public static ModelKind Guidance { get; } = new("DIFGUIDE", "DiffusionGuidance", 0x00010004);

    public static ModelKind Sampler { get; } = new("DIFSAMPL", "DiffusionSampler", 0x00010001);

    public static ModelKind LogLikelihood { get; } = new("DIFLOGLI", "DiffusionLogLikelihood", 0x00010001);

    public static ModelKind Edit { get; } = new("DIFEDITS", "DiffusionEdit", 0x00010001);

    public static ModelKind Classifier { get; } = new("DIFCLASS", "DiffusionClassifier", 0x00010002);

    public static ModelKind Contrastive { get; } = new("DIFCONTR", "DiffusionContrastive", 0x00010003);

    public static ModelKind TokenizeText { get; } = new("DIFTOKEN", "DiffusionTokenizeText", 0x00010002);

    public static ModelKind LatentDecoder { get; } = new("DIFLATDE", "DiffusionLatentDecoder", 0x00010001);
}
