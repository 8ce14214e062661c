// Without the theme's fonts: the pages ask nobody for anything.
import Theme from "vitepress/theme-without-fonts";
import "./style.css";

export default Theme;
