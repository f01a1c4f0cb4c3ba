using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Models of Hugging Face diffusers, from folders and into them.</summary>
public static class DiffusersCatalog
{
    /// <summary>
    /// Samples from the model of a folder of diffusers: <c>unet/</c> or <c>transformer/</c> (UNet2DModel, UNet2DConditionModel, DiT), <c>scheduler/</c>, and, where there is one, <c>vae/</c> or <c>vqvae/</c> (AutoencoderKL,
    /// VQModel), whose pictures then are the samples. Weights are safetensors files, in Float32 or half precision. Nothing is downloaded, and no pickle is read.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="folder">The folder, as <c>save_pretrained</c> writes it.</param>
    /// <param name="outputColumn">The column with samples: pictures [channels, height, width] of pixels from 0 to 255, unless the options say otherwise.</param>
    /// <param name="options">Condition columns, number of steps and the like.</param>
    public static DiffusersEstimator LoadDiffusers(this DiffusionTransformsCatalog catalog, string folder, string outputColumn = "Sample", DiffusersEstimator.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new DiffusersEstimator(catalog.Environment, folder, outputColumn, options);
    }

    /// <summary>
    /// Saves the model of a fitted pipeline as a folder of diffusers: network, scheduler, and the autoencoder of <see cref="LoadDiffusers"/>. Networks that diffusers has are saved, <see cref="DiffusersUNet"/>
    /// and <see cref="DiT"/>, told the timestep of a schedule with a table of β. The number of steps and the range of pixels have no place there.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The fitted pipeline, with a denoiser.</param>
    /// <param name="folder">The folder; there must be none, or an empty one. Written as a whole or not at all.</param>
    /// <exception cref="ArgumentException">The model has no denoiser, or several.</exception>
    /// <exception cref="NotSupportedException">A part of the model has no counterpart in diffusers; names it and says what has.</exception>
    /// <exception cref="IOException">The folder is not empty.</exception>
    public static void SaveDiffusers(this DiffusionCatalog catalog, ITransformer model, string folder)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        DiffusersWriter.Write(model, folder);
    }
}
