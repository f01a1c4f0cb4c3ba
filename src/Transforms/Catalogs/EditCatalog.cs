using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Edits of data by a trained denoiser: any pipeline that has one, guided or not, can go on with them instead of a sampler.</summary>
public static class EditCatalog
{
    /// <summary>
    /// Inverts data: finds the latents, standard normal in every place, of which the solver makes it. A sampler with <c>LatentColumn</c> and the same solver, steps
    /// and spacing leads back.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column with latents: vectors of the training data's shape, in model space.</param>
    /// <param name="dataColumn">The data, of the shape and in the units of training.</param>
    /// <param name="options">Solver, steps, refinements; a deterministic solver of single steps.</param>
    /// <exception cref="ArgumentException">The solver is stochastic or multistep, or no solver, or an option is out of range.</exception>
    public static EditEstimator Invert(this DiffusionTransformsCatalog catalog, string outputColumn, string dataColumn, InvertOptions? options = null)
    {
        options ??= new();
        return Edit(catalog, outputColumn, new InvertTask(Name(dataColumn), options.Refinements), options);
    }

    /// <summary>Makes what lies between two rows of data: inverts both, goes from one latent to the other, and samples from there.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column with results, in the units of the training data.</param>
    /// <param name="firstColumn">The data of weight 0.</param>
    /// <param name="secondColumn">The data of weight 1.</param>
    /// <param name="weightColumn">The weight of each row: a Single in [0, 1].</param>
    /// <param name="options">Path, solver, steps, refinements.</param>
    /// <exception cref="ArgumentException">The solver is stochastic or multistep, or no solver, or an option is out of range.</exception>
    public static EditEstimator Interpolate(
        this DiffusionTransformsCatalog catalog, string outputColumn, string firstColumn, string secondColumn, string weightColumn, InterpolateOptions? options = null)
    {
        options ??= new();
        var task = new InterpolateTask(Name(firstColumn), Name(secondColumn), Name(weightColumn), options.Refinements, options.Linear, options.Strength);
        return Edit(catalog, outputColumn, task, options);
    }

    /// <summary>Varies data (SDEdit, Meng et al. 2022, arXiv:2108.01073): noises it to a level, and samples from there.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column with results, in the units of the training data.</param>
    /// <param name="dataColumn">The data, of the shape and in the units of training.</param>
    /// <param name="options">Strength or level, solver, steps.</param>
    /// <exception cref="ArgumentException">An option is out of range, or there is no solver.</exception>
    public static EditEstimator ImageToImage(this DiffusionTransformsCatalog catalog, string outputColumn, string dataColumn, ImageToImageOptions? options = null)
    {
        options ??= new();
        return Edit(catalog, outputColumn, new ImageToImageTask(Name(dataColumn), options.Strength, options.Level?.Ratio), options);
    }

    /// <summary>
    /// Fills a region of data, by replacement (Song et al. 2021, arXiv:2011.13456, appendix I.2) or, with resampling, as RePaint (Lugmayr et al. 2022,
    /// arXiv:2201.09865). What the mask keeps is in the result as it was, to the bit.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column with results, in the units of the training data.</param>
    /// <param name="dataColumn">The data, of the shape and in the units of training; what it holds in the region to fill does not matter, but must be valid.</param>
    /// <param name="maskColumn">
    /// The mask: a vector of Single in [0, 1], 1 where the sample is made and 0 where the data is kept, as in diffusers' pipelines. Of the data's size, or of a
    /// picture's height · width.
    /// </param>
    /// <param name="options">Solver, steps, resampling.</param>
    /// <exception cref="ArgumentException">An option is out of range, or there is no solver.</exception>
    public static EditEstimator Inpaint(this DiffusionTransformsCatalog catalog, string outputColumn, string dataColumn, string maskColumn, InpaintOptions? options = null)
    {
        options ??= new();
        return Edit(catalog, outputColumn, new InpaintTask(Name(dataColumn), Name(maskColumn), options.Resampling), options);
    }

    /// <summary>Denoises data whose noise level is known, by what remains of a sampling run from it.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column with results, in the units of the training data.</param>
    /// <param name="noisyColumn">The noisy data, <c>α·x0 + σ·ε</c> in model space, mapped to the units of training.</param>
    /// <param name="level">
    /// (α, σ) in model space, where pixels lie in [−1, 1]; within the levels that sampling visits. Gaussian noise of deviation s on pixels from 0 to 255 is
    /// <c>NoiseLevel.FromRatio(2 * s / 255)</c>.
    /// </param>
    /// <param name="options">Solver, steps.</param>
    /// <exception cref="ArgumentException">An option is out of range, or there is no solver.</exception>
    public static EditEstimator DenoiseFrom(
        this DiffusionTransformsCatalog catalog, string outputColumn, string noisyColumn, NoiseLevel level, DenoiseFromOptions? options = null)
        => Edit(catalog, outputColumn, new DenoiseFromTask(Name(noisyColumn), level.Alpha, level.Sigma), options ?? new());

    private static EditEstimator Edit(DiffusionTransformsCatalog catalog, string outputColumn, SamplingTask task, SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new EditEstimator(catalog.Environment, outputColumn, task, options);
    }

    private static string Name(string column)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        return column;
    }
}
